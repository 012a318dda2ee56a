"""The papers' tables, run row by row: what the rows are, what came of each, and the files that tell it."""
