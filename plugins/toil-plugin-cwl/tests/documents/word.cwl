cwlVersion: v1.2
class: ExpressionTool
requirements:
  InlineJavascriptRequirement: {}
inputs:
  first: string
  second: string?
outputs:
  word: string
expression: "${ return {word: inputs.first + (inputs.second || '')}; }"
