"""What events cause, by subject. `live/reactions.py` says which event causes what."""
