"""Real messages and the replies they got, sent through the verbs of a demo district at the times they were written."""
