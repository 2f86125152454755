# A tool that needs as many mebibytes as its file has bytes, and more.
cwlVersion: v1.2
class: Workflow
inputs: {file: File}
outputs:
  told: {type: File, outputSource: tell/told}
steps:
  tell:
    run:
      class: CommandLineTool
      requirements:
        InlineJavascriptRequirement: {}
        ResourceRequirement:
          coresMin: 1
          ramMin: $(inputs.file.size + 100)
          outdirMin: 7
          tmpdirMin: 5
      baseCommand: echo
      arguments: [$(runtime.cores), $(runtime.ram), $(runtime.outdirSize), $(runtime.tmpdirSize)]
      inputs: {file: File}
      stdout: told.txt
      outputs: {told: stdout}
    in: {file: file}
    out: [told]
