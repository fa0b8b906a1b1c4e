-- Asks for each of a list of targets in turn (targets.lua is written by race.py): an answer that nobody has yet.
local threads = 0
local place

function setup(thread)
  thread:set("first", threads * 97)
  threads = threads + 1
end

function init(args)
  targets = dofile(args[1])
  place = first
  for number, target in ipairs(targets) do
    targets[number] = wrk.format("GET", target)
  end
end

function request()
  place = place + 1
  return targets[place % #targets + 1]
end
