"""A scenario of Yuma Consensus: a file that tells what changes from epoch to epoch, run by the local chain's own epoch.

`form` is the file's form, `reading` takes one in and refuses what no chain could hold, `running` goes through its epochs,
`writing` and `showing` tell what came out. docs/yuma.md tells all of it to people.
"""
