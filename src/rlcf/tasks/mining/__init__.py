"""Tasks made of somebody's own code: a method's body is to be written, the rest of its file stays.

candidates  which methods are asked for     duplicates, licences, splits  what comes of them
prompts     what the model is shown         mine                          all of it, one step after another
writing     the folder that is written      recipe                        what trains on it
"""
