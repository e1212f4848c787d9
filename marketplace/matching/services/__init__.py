"""Verbs of matching: `index` keeps the search index, `judging` takes people's answers, `weighing` changes the weights,
`announcing` tells owners of strong matches."""
