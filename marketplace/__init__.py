"""山东科技大市场: the application package. `app.create_app` builds it; docs/house.md is the map."""
