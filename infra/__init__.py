"""The AWS side of renkei: one CDK stack, one module per stage."""
