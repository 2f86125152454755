"""What workflow languages share: running their documents, and moving their files in and out of the job store.

`importing` and `import_jobs` bring inputs in, `exporting` puts outputs where users want them, `pipes` streams files to
programs. Job stores, file stores and jobs may be imported; a language's own notions may not come in here.
"""
