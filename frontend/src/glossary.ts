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
  "attention score":
    "How well a token's query fits another's key, before the softmax turns a row of scores into weights that add up to 1.",
  "value-weighted attention":
    "The weight times the length of the vector that is handed over. A head can rest on a token whose vector is nearly nothing: a large weight that moves little.",
  "residual stream":
    "The matrix that keeps its size: one vector a token, to which every attention and every MLP only adds.",
  query: "The token that looks. Its row of the pattern says where it looks; the row adds up to 1.",
  key: "The token that is looked at. Its column says who looks at it.",
  "logit lens":
    "Reading a layer's numbers as if they were the last layer's: the token the network would name if it stopped there.",
  "direct logit attribution":
    "What a part of the network itself adds to a token's logit. What it does by helping later parts is not counted.",
  logit: "The network's raw score for a class or a token; the softmax of all scores is the probability.",
  "bits per byte": "How many bits the network needs, on average, to write down one byte of unseen text. Less is better.",
  "nats per character":
    "How surprised the network is, on average, by each next character of unseen text: the natural logarithm of one over the probability it gave. Less is better.",
  "top-1 accuracy": "How often the class the network finds likeliest is the right one.",
  "top-5 accuracy": "How often the right class is among the five the network finds likeliest.",
  "clear kernel": "A kernel that is nearly all one colour and one or two wave patterns, as chance would hardly make it.",
  "feature visualisation":
    "Drawing a picture from noise, step by step, so that it excites one unit as much as it can: it shows what the unit looks for, not what it was shown.",
  dream: "A picture drawn by feature visualisation: what a unit answers to most, made by the network itself.",
  "as it is": "The picture is drawn while it is shifted, turned and scaled; the number is what it gets when it is shown without any of that.",
  decile: "A tenth of the gallery's pictures, sorted by how much they excite the unit: 9 is the tenth that excites it most, 0 the tenth that does least.",
  "expanded weights":
    "The weights between one unit and those of the layer beside it, drawn where they lie: orange where the one excites the other, blue where it inhibits.",
  "tuning curve": "How strongly a unit answers while one property of a drawn picture, such as the direction of its bars, is varied.",
  "dead channel": "A channel that stays at zero whatever picture the network is shown: it does no work.",
  "previous-token head":
    "A head that looks from every token to the one just before it. Its score is the attention that goes there, from 0 to 1.",
  "induction head":
    "A head that finds where the present token stood before and looks at what followed it then, so that the network can say it again. Its score is the attention that goes there, from 0 to 1, on random tokens said twice.",
  temperature: "How boldly the next token is drawn: near 0 always the likeliest, at 1 by the network's own odds, above it more wildly.",
  "sparse autoencoder":
    "A second network that learns to write what passes through a site as a sum of few features out of many, each of which can be looked at by itself.",
  feature: "One direction that a sparse autoencoder has found in a site. Most are silent at most tokens.",
  "explained variance": "How much of what changes from token to token at the site the features give back: 100 % is all of it.",
  "loss recovered":
    "How well the network still guesses when the site is replaced by what the features give back: 0 % as badly as without the site, 100 % as well as before.",
  attribution:
    "How much a channel or a place speaks for a class: how strongly it answers times how much the class's logit would rise with it.",
  "Grad-CAM":
    "A map of where a layer finds what speaks for a class: its channels' maps added up, each weighted by how much the class's logit rises with it; what is below zero is left out.",
  occlusion: "A grey square is moved over the picture; the map says how far the class's logit falls wherever it lies.",
  ablation: "Switching a part of the network off to see what it did: what changes in the answer hung on it.",
  "activation patching":
    "Taking what the network computes at one place of one picture into its run on another: where the first picture's answer comes back, there it lies.",
  "nearest neighbour": "The picture, among many, whose numbers at a site are most like this picture's.",
  cosine: "How far two lists of numbers point the same way: 1 the same way, 0 nothing in common.",
  "concept direction":
    "The way from the mean of some pictures to the mean of others in a site's space: how far along it a picture lies says how much of the concept it has.",
  "activation atlas":
    "A map of all that a layer says: its answers to very many pictures, laid out so that like lies beside like, cut into cells, and each cell's mean drawn as a picture.",
  UMAP: "A way of laying out points of many dimensions on a sheet so that those that were neighbours stay neighbours. Distances across the sheet are not kept.",
  "top-k": "Only so many of the likeliest tokens are drawn from; all others are cut off.",
  "top-p": "Only the fewest of the likeliest tokens that together have this probability are drawn from: few where the network is sure, many where it is not.",
  seed: "The number that chance begins with. The same seed draws the same story, so that it can be told again.",
  entropy: "How open the choice is, in bits: 0 where one token is certain, 1 where two are equally likely, 12 where 4,096 are.",
  steering: "Changing what a network writes by holding one of its features at a value of one's own while it computes.",
  "concept rate": "How many of the new tokens are among the twenty words that holding the feature makes likelier; a token right behind itself does not count.",
  perplexity: "Among how many equally likely tokens the network, left alone, would have had to guess on average: high where a text surprises it.",
  neuron: "One number of an MLP: it reads the residual stream in one direction and, where it is active, writes in another.",
  density: "The part of all tokens at which a unit is active. Most features are active at one in a hundred, or fewer.",
  embedding: "The list of numbers that stands for a token before the network has read anything else. It is learned.",
  "positional embedding": "The list of numbers that stands for a place in the text. It is added to the token's, so that the network knows where it is.",
  corpus: "A set of texts to look through.",
  "held out": "Kept aside when the direction was found and used only to test it, so that it cannot have been learned by heart.",
} as const;

export type Term = keyof typeof GLOSSARY;
