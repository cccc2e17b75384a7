"""Photos that show where goods were left."""
