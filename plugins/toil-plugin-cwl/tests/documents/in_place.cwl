# One step makes a file, the next one changes it where it is.
cwlVersion: v1.2
class: Workflow
inputs: {}
outputs:
  before: {type: File, outputSource: make/made}
  after: {type: File, outputSource: change/changed}
steps:
  make:
    run:
      class: CommandLineTool
      baseCommand: [sh, -c, 'echo one > counted.txt']
      inputs: {}
      outputs:
        made: {type: File, outputBinding: {glob: counted.txt}}
    in: {}
    out: [made]
  change:
    run:
      class: CommandLineTool
      requirements:
        InplaceUpdateRequirement: {inplaceUpdate: true}
        InitialWorkDirRequirement:
          listing: [{entry: $(inputs.file), writable: true}]
      baseCommand: [sh, -c, 'echo two >> counted.txt']
      inputs: {file: File}
      outputs:
        changed: {type: File, outputBinding: {glob: counted.txt}}
    in: {file: make/made}
    out: [changed]
