"""OKR files of other tools, both ways: read into native items with every doubt told, and written again without loss.

A format turns rows into `Goal`s and a `Goal` into the cells of its row (`contract.py`); everything else is shared.
`shaping` makes native items of goals and `gathering` takes them apart again; whatever the cells written from those
would not say as the file said it is kept in attributes (`keeping`). So writing a layout gives back what was read.
"""
