import { useCallback, useState } from "react";

const KEY = "investigations-token";

/** The JWT this tab uses. It is kept for the tab alone, and never logged. */
export function useSession() {
  const [token, setToken] = useState(() => sessionStorage.getItem(KEY) ?? __DEV_TOKEN__);
  const [refused, setRefused] = useState(false);

  const signIn = useCallback((entered: string) => {
    sessionStorage.setItem(KEY, entered);
    setRefused(false);
    setToken(entered);
  }, []);

  const refuse = useCallback(() => {
    sessionStorage.removeItem(KEY);
    setRefused(true);
    setToken(null);
  }, []);

  return { token, refused, signIn, refuse };
}
