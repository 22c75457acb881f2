"""What a target runs: planned against what is deployed, deployed, rolled back; kept on the branch deploy/<target>."""
