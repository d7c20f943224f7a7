"""The care register: households that agreed to be looked in on, what that means there, what happens when it is missed.

`rule` says when a contact is missed and who hears, pure; `agreements` and `looking` are the verbs, `register` is what
holds now; `readings` takes what a sensor says; `ticking` warns. See docs/care.md.
"""
