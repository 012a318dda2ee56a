"""The race: several configurations on the same stream of tasks."""
