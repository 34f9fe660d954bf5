#!/usr/bin/env python3
"""Prints the mean of the first model's scores in a table, with six digits: mean.py SCORES.csv"""

import csv
import sys

with open(sys.argv[1], encoding="utf-8", newline="") as file:
    scores = [float(row["vmaf_v0.6.1"]) for row in csv.DictReader(file)]
print(f"{sum(scores) / len(scores):.6f}")
