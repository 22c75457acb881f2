"""What a release and a deployment are made of: Compose, environment, chart, wheels, licences."""
