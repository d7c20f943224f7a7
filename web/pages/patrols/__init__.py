"""The desk of rounds: plans, tasks, coverage, rectifications, late and doubled records, absences, orders to go."""
