"""The tests mirror `src/seedbed`; `stories` are whole flows, `house` are rules about the tree."""
