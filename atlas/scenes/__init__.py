"""Scenes drawn from seeds: light, matter and shapes in numpy. `catalog` lists what there is, kind by kind."""
