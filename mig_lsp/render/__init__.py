"""Findings, lists and changes as text for people and for programs. Nothing here writes anything anywhere."""
