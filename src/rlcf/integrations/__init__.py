"""The reward for those who bring their own trainer. Imports none of the trainers."""
