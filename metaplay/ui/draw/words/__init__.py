"""Type: intents typed by the visitor, told apart by networks that adapt to them while a sentence is being typed."""
