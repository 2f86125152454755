# One step for each way to scatter.
cwlVersion: v1.2
class: Workflow
requirements:
  ScatterFeatureRequirement: {}
  SubworkflowFeatureRequirement: {}
  StepInputExpressionRequirement: {}
  InlineJavascriptRequirement: {}
inputs:
  letters: string[]
  digits: string[]
outputs:
  dot: {type: 'string[]', outputSource: pair/word}
  flat: {type: 'string[]', outputSource: cross/word}
  nested: {type: Any, outputSource: square/word}
  each: {type: Any, outputSource: below/word}
  shout: {type: 'string[]', outputSource: loud/word}
  files: {type: 'File[]', outputSource: say/output}
steps:
  pair:
    run: word.cwl
    scatter: [first, second]
    scatterMethod: dotproduct
    in: {first: letters, second: digits}
    out: [word]
  cross:
    run: word.cwl
    scatter: [first, second]
    scatterMethod: flat_crossproduct
    in: {first: letters, second: digits}
    out: [word]
  square:
    run: word.cwl
    scatter: [first, second]
    scatterMethod: nested_crossproduct
    in: {first: letters, second: digits}
    out: [word]
  below:
    doc: A subworkflow for each.
    run:
      class: Workflow
      inputs: {first: string}
      outputs:
        word: {type: string, outputSource: inner/word}
      steps:
        inner:
          run: word.cwl
          in:
            first: first
            second: {default: "!"}
          out: [word]
    scatter: first
    in: {first: pair/word}
    out: [word]
  loud:
    doc: Evaluates its inputs for each item.
    run: word.cwl
    scatter: first
    in:
      first:
        source: letters
        valueFrom: $(self.toUpperCase())
    out: [word]
  say:
    run: example.cwl
    scatter: message
    in: {message: loud/word}
    out: [output]
