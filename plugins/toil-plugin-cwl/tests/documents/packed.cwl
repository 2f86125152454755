cwlVersion: v1.2
$graph:
  - id: shout
    class: ExpressionTool
    requirements: {InlineJavascriptRequirement: {}}
    inputs: {text: string}
    outputs: {loud: string}
    expression: "$({loud: inputs.text.toUpperCase()})"
  - id: main
    class: Workflow
    inputs: {text: string}
    outputs:
      loud: {type: string, outputSource: only/loud}
    steps:
      only:
        run: '#shout'
        in: {text: text}
        out: [loud]
