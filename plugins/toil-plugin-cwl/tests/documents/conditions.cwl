cwlVersion: v1.2
class: Workflow
requirements:
  MultipleInputFeatureRequirement: {}
  ScatterFeatureRequirement: {}
  InlineJavascriptRequirement: {}
inputs:
  wanted: boolean
  letters: string[]
outputs:
  chosen:
    type: string
    outputSource: [perhaps/word, always/word]
    pickValue: first_non_null
  maybe:
    type: string?
    outputSource: perhaps/word
  file:
    type: File?
    outputSource: tool/output
  some:
    type: 'string[]'
    outputSource: few/word
    pickValue: all_non_null
  merged:
    type: 'string[]'
    outputSource: [letters, few/word]
    linkMerge: merge_flattened
    pickValue: all_non_null
steps:
  perhaps:
    run: word.cwl
    when: $(inputs.wanted)
    in:
      wanted: wanted
      first: {default: maybe}
    out: [word]
  always:
    run: word.cwl
    in:
      first: {default: always}
    out: [word]
  tool:
    run: example.cwl
    when: $(inputs.wanted)
    in:
      wanted: wanted
      message: {default: from a tool}
    out: [output]
  few:
    run: word.cwl
    scatter: first
    when: $(inputs.first != 'b')
    in: {first: letters}
    out: [word]
