"""Tasks and workflows in the Workflow Description Language."""
