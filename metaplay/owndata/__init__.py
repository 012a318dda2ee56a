"""Your own data: images by class or sentences with labels, taken in once and kept below the data root. No torch.

DATA/own/NAME/about.json     what there is: the kind, the classes, how many examples each has and which split it is in (about.py)
DATA/own/NAME/images.npz     the images, in one uint8 array (storing.py)
DATA/own/NAME/texts.json     or the sentences
DATA/own/NAME/vectors.npy    and their vectors, where they came with some: float32, a row a sentence

What is taken in is a stranger's file: `files` opens it within the settings' limits, `pictures` and `tables` read what is in it,
`examining` says what was found, and nothing is kept before that. Each set is a task family of its own, `own:NAME`.
"""
