-- Each request asks for rows from another place, so that no result of an earlier one answers it. START: where to begin.
local at = tonumber(os.getenv("START") or "0")

request = function()
  at = at + 1
  return wrk.format("GET", "/table?rows=50&from=" .. at)
end
