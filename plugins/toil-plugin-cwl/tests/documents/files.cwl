# Files with secondary files, directories, literals and a prepared working directory, from step to step.
cwlVersion: v1.2
class: Workflow
requirements:
  InlineJavascriptRequirement: {}
inputs:
  table:
    type: File
    secondaryFiles: [.idx]
  tree: Directory
outputs:
  index: {type: File, outputSource: read/index}
  grown: {type: Directory, outputSource: grow/grown}
  passed: {type: File, outputSource: read/passed}
  listed: {type: 'string[]', outputSource: list/names}
  written: {type: File, outputSource: write/written}
steps:
  read:
    run:
      class: CommandLineTool
      baseCommand: [sh, -c, 'cat "$0" "$0.idx"']
      inputs:
        table:
          type: File
          secondaryFiles: [.idx]
          inputBinding: {}
      stdout: index.txt
      outputs:
        index: stdout
        passed:
          type: File
          outputBinding: {outputEval: $(inputs.table)}
    in: {table: table}
    out: [index, passed]
  grow:
    run:
      class: CommandLineTool
      requirements:
        InitialWorkDirRequirement:
          listing:
            - entry: $(inputs.tree)
              entryname: grown
              writable: true
            - entryname: note.txt
              entry: "noted: $(inputs.index.basename)"
      baseCommand: [sh, -c, 'cp note.txt grown/ && mkdir grown/empty']
      inputs: {tree: Directory, index: File}
      outputs:
        grown:
          type: Directory
          outputBinding: {glob: grown}
    in: {tree: tree, index: read/index}
    out: [grown]
  list:
    run:
      class: ExpressionTool
      inputs:
        tree: {type: Directory, loadListing: deep_listing}
      outputs: {names: 'string[]'}
      expression: "$({names: inputs.tree.listing.map(function (one) { return one.basename; }).sort()})"
    in: {tree: grow/grown}
    out: [names]
  write:
    run:
      class: ExpressionTool
      inputs: {names: 'string[]'}
      outputs: {written: File}
      expression: "$({written: {'class': 'File', 'basename': 'names.txt', 'contents': inputs.names.join(' ')}})"
    in: {names: list/names}
    out: [written]
