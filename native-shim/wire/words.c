#include "words.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *words_peek(const struct words *words) { return words->at < words->end ? words->at : NULL; }

const char *words_next(struct words *words) {
  const char *word = words_peek(words);
  if (word) words->at += strlen(word) + 1;
  return word;
}

int words_integer(struct words *words, const char *of, int64_t least, int64_t most, int64_t *number, char error[WORDS_ERROR]) {
  const char *word = words_next(words);
  char *end = NULL;
  errno = 0;
  if (word) *number = strtoll(word, &end, 10);
  if (word && *word && strspn(word, "-0123456789") == strlen(word) && !*end && errno == 0 && *number >= least &&
      *number <= most)
    return 0;
  snprintf(error, WORDS_ERROR, "%s needs an integer from %lld to %lld, not %s%.40s%s", of, (long long)least, (long long)most,
           word ? "\"" : "", word ? word : "the end", word ? "\"" : "");
  return -1;
}

int words_fraction(struct words *words, const char *of, double *number, char error[WORDS_ERROR]) {
  const char *word = words_next(words);
  char *end = NULL;
  if (word) *number = strtod(word, &end);
  if (word && *word && strspn(word, "-+.0123456789eE") == strlen(word) && !*end && *number >= 0 && *number <= 1) return 0;
  snprintf(error, WORDS_ERROR, "%s needs a number from 0 to 1, not %s%.40s%s", of, word ? "\"" : "", word ? word : "the end",
           word ? "\"" : "");
  return -1;
}
