"""The main job from end to end: told once in story.py, done by a client without script here and in Chromium elsewhere."""
