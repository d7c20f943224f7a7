"""The register of addresses, and the matcher that finds in it what somebody wrote."""
