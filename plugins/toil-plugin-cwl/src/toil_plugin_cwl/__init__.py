"""Tools and workflows in the Common Workflow Language."""
