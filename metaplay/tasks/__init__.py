"""Task families: where episodes come from. A file a family; sets of images name their data in `IMAGES` (see `cache`)."""
