"""Pictures of packs: read, checked, made fit, compared. Pillow lives here and nowhere else."""
