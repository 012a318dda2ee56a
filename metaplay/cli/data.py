"""`data`: which data sets are here, and preparing one before it is needed."""

import typer

app = typer.Typer(help="List and prepare data sets.", no_args_is_help=True)
