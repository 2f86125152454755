"""New plugins: complete distributions made from the templates beside this, for each kind of plugin."""
