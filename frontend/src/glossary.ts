/** The field's terms, each explained once. */

export const GLOSSARY = {
  kernel:
    "A small set of weights that a convolution slides over its input. In the first layer it has three colours and can be looked at like a picture.",
  "activation map":
    "What one kernel answers at every place of the picture: one number a place, drawn as brightness.",
  channel: "One kernel's activation map among those of a layer. Channel 42 is what kernel 42 answers.",
  "receptive field":
    "The part of the picture that one cell of a map can see. It grows from layer to layer; outside the picture it sees padding.",
  ReLU: "The step after a convolution that sets everything below zero to zero.",
  orientation: "The direction of the bars a kernel answers to, in degrees: 0 lies flat, 90 stands upright.",
  "spatial frequency": "How closely a kernel's bars stand: how many light–dark cycles fit into one pixel.",
  "attention head":
    "One of several readers in a layer. For every token it decides how much to take from each token before it.",
  token: "The piece of text the network reads at once: a word, a part of one, or a sign.",
  query: "The token that looks. Its row of the pattern says where it looks; the row adds up to 1.",
  key: "The token that is looked at. Its column says who looks at it.",
  logit: "The network's raw score for a class or a token; the softmax of all scores is the probability.",
  "bits per byte": "How many bits the network needs, on average, to write down one byte of unseen text. Less is better.",
} as const;

export type Term = keyof typeof GLOSSARY;
