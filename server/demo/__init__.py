"""A fictional district with its people and weeks of cases, for trying Huying out; and the replay of real messages.

Everything is made through the verbs of the rooms above, under the demo's clock, with nothing sent to anybody.
"""
