import fc from 'fast-check';

// What only one of a hundred random values would notice counts as not noticed; and each run is one for each change.
fc.configureGlobal({ numRuns: 10 });
