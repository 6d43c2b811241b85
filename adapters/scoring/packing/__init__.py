"""Many texts through a model in one pass: side by side without padding, with what they share computed once.

A pass is one sequence of the tokens of several texts. Everything in a transformer but attention looks at one token at a time, so
only attention has to know where a text begins and ends: it is replaced (`attention.py`; for architectures with an attention of
their own, `gptj.py`, `mpnet.py`, `deberta.py`, `bert.py`), the rest is the model's own code and weights. A text may go on from
another (`prefix`), whose keys and values are computed once and shared by all that do.

`engine.py` is the way in. It compares both ways on a few tokens when a model is loaded, and takes the plain one, padded and without
sharing, for a model whose packed results differ or whose architecture is unknown.
"""
