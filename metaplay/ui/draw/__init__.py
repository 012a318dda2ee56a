"""Draw: classes drawn by the visitor, told apart by a network that adapts to them."""
