"""What makes Huying an app: manifest, service worker, shells, and help for putting it on the home screen."""
