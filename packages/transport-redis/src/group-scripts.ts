/*
 * Scripts of a consumer group. Each looks whose an entry is before it touches it: between two commands another
 * consumer may take it over, and XCLAIM would take it back.
 */

/**
 * Sets the idle time of entries that are still in the hands of a consumer, without counting a delivery: to 0 as a sign
 * of life, to a long time to give them back. KEYS: stream. ARGV: group, consumer, idle time, ids.
 */
export const SET_IDLE = `
for i = 4, #ARGV do
  if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1, ARGV[2]) == 1 then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i], 'IDLE', ARGV[3], 'JUSTID')
  end
end
return redis.status_reply('OK')`;

/**
 * Moves an entry to the stream of dead letters, once: it is added there before it is acknowledged, so that a refusal of
 * either loses nothing. KEYS: stream, stream of dead letters. ARGV: group, id, names and values.
 */
export const REJECT = `
if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1) == 0 then return 0 end
redis.call('XADD', KEYS[2], '*', unpack(ARGV, 3))
return redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])`;

/** Removes a consumer that has nothing in hands. KEYS: stream. ARGV: group, consumer. */
export const LEAVE = `
if #redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2]) > 0 then return 0 end
return redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])`;

/**
 * Removes consumers that have nothing in hands and have not been heard of for long: the names that killed processes
 * leave behind. KEYS: stream. ARGV: group, milliseconds.
 */
export const TIDY = `
for _, info in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local consumer = {}
  for i = 1, #info, 2 do consumer[info[i]] = info[i + 1] end
  if consumer.pending == 0 and consumer.idle > tonumber(ARGV[2]) then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], consumer.name)
  end
end
return redis.status_reply('OK')`;
