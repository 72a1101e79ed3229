#include "class.h"

void class_begin(struct class *class, const struct class_config *config, unsigned side) {
  *class = (struct class){.config = config, .bottleneck = -1};
  for (int i = 0; i < PURPOSES; i++) class->keys[i] = random_key(config->seed, side, config->mac, (enum purpose)i);
  class->delay.last_due = INT64_MIN;
  delay_configure(config, &class->delay);
}

void class_continue(struct class *class, const struct class *before) {
  class->delay.last_due = before->delay.last_due;
  if (class->config->seed != before->config->seed) return;
  class->packets = before->packets;
  class->loss = before->loss;
  class->duplicate = before->duplicate;
  class->corrupt = before->corrupt;
  class->copy_corrupt = before->copy_corrupt;
  class->delay = before->delay;
  delay_configure(class->config, &class->delay);
}
